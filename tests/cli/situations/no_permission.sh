# A file that may not be read: named, with the system's reason; as a row's, the row is told apart.
project
gyre add -q images labels.csv >/dev/null
gyre schema labels.csv -o labels.contract.yaml
chmod 0 images/2.txt
try plain gyre id --rows labels.csv
try plain gyre check labels.csv
echo more >>images/2.txt
try plain gyre add images
chmod 0 labels.csv
for words in "id --rows labels.csv" "profile labels.csv" "audit labels.csv" "check labels.csv" "add labels.csv" "status"; do
    try plain gyre $words
done
chmod 0 .gyre/packs/*
try plain gyre verify
try plain gyre checkout --force
chmod 0 .gyre/config
try plain gyre status
