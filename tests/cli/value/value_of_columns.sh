gyre value flowers.csv flowers.csv
