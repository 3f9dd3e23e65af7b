# Help fits a terminal of 100 columns: long paragraphs are broken at spaces, files shown as examples are not touched.
for name in $(gyre help --names); do
    gyre "$name" --help | sed -n '/^usage:/,/^options:/p' | awk -v name="$name" 'length > 100 && $0 !~ /^ *(usage:|gyre )/ {print name": "$0}'
done
gyre bundle --help | sed -n 7,9p
