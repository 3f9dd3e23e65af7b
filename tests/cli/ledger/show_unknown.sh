project
gyre show abcdef0123 || echo "status $?"
gyre show nonesuch.txt || echo "status $?"
gyre show images | plain
gyre show train.sh | plain
echo new > new.txt
gyre show new.txt
