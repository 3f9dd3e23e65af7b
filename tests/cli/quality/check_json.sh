small_table
gyre check --json people.csv
