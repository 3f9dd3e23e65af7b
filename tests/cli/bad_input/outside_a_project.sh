# Commands that need a project, where there is none: which one is missing and what makes it.
for words in status log checkout verify gc run gate metrics report "show abcd" "why x" "diff a"; do
    refuse $words
done
