# What features leave out still parts rows: the same stars and shop, another sentence.
{
    echo "code,review,stars,shop,label"
    for i in $(seq 90); do
        echo "r$i,the review says $i,$((i % 5)).37,s$((i % 3)),$([ $((i % 2)) = 0 ] && echo good || echo bad)"
    done
    echo "r91,the review says 7,2.37,s1,bad" # a copy, but for its code
} >reviews.csv
gyre audit reviews.csv 2>/dev/null | grep -A 1 '^near'
