project
gyre add images >/dev/null
sleep 0.1
gyre status
touch -r images/cat/1.txt times
echo eno >images/cat/1.txt
touch -r times images/cat/1.txt
gyre status
