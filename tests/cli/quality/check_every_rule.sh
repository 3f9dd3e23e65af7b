small_table
gyre check people.csv
