project
gyre add images labels.csv
git status --short
cat images.gyre labels.csv.gyre .gitignore
gyre add images labels.csv
gyre add --json images
cd images
echo five >dog/5.txt
gyre add ../images
gyre add ../labels.csv.gyre
