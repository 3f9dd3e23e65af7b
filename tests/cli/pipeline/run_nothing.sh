gyre run
