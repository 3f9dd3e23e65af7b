# Results that nobody could read are a failure.
gyre help >/dev/full
