gyre manual
