printf 'iris,lily\n0.5,0.5\n' >probs.csv
gyre audit flowers.csv --probs probs.csv
