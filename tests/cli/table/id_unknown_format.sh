printf 'x' >t.xlsx
gyre id --rows t.xlsx
