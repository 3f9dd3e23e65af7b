cut -d, -f1-3 flowers.csv >plain.csv
gyre audit plain.csv
