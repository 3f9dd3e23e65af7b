printf 'path,label\na.bin,x\nb.bin,y\na.bin,z\n' >labels.csv
printf one >a.bin
gyre id --rows --json labels.csv
