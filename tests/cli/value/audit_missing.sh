gyre audit nowhere.csv
