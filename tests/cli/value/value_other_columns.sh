cut -d, -f2- flowers.csv >test.csv
gyre value flowers.csv test.csv
