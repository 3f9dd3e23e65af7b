# The code is sourced by a real bash and asked as the shell asks.
gyre completion bash >completion
cat >ask <<'END'
. ./completion
complete -p gyre
ask()
{
    COMP_WORDS=(gyre "$@")
    COMP_CWORD=$#
    COMPREPLY=()
    _gyre
    printf '%s\n' "gyre $*: ${COMPREPLY[*]}"
}
ask comp
ask help --he
ask completion --js
ask nonesuch --zz
touch some_file
ask id some_f
END
bash ask
