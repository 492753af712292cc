#!/bin/sh
# Names each prerequisite that is missing or too old, in one line each. Otherwise prints the Python to set up with: the
# environment's own, whatever another project has put on PATH; where that does not start, or is too old, python3.
set -u
faults=0

fault() {
    printf '%s\n' "$1" >&2
    faults=1
}

# at_least NAME FOUND WANTED HINT: compares the first two parts of two versions.
at_least() {
    found_major=${2%%.*}
    rest=${2#*.}
    found_minor=${rest%%.*}
    wanted_major=${3%%.*}
    wanted_minor=${3#*.}
    case "$found_major$found_minor" in
        '' | *[!0-9]*) fault "$1: its version is unknown (it prints \"$2\"); $3 or newer is needed. $4"; return ;;
    esac
    if [ "$found_major" -lt "$wanted_major" ] ||
        { [ "$found_major" -eq "$wanted_major" ] && [ "$found_minor" -lt "$wanted_minor" ]; }; then
        fault "$1: version $2 is too old; $3 or newer is needed. $4"
    fi
}

version_of() {
    "$1" -S -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

python=.venv/bin/python
python_version=$(version_of "$python")
case $python_version in
    3.1[1-9] | 3.[2-9][0-9] | [4-9].*) ;;
    *) python=python3 python_version=$(version_of python3) ;;
esac

# Another value of TERRAFORM is refused in the next step, with what is allowed.
case ${TERRAFORM:-terraform} in
    terraform)
        terraform=terraform product=Terraform
        product_hint='Install Terraform from your package manager or developer.hashicorp.com/terraform.' ;;
    tofu)
        terraform=tofu product=OpenTofu
        product_hint='Install OpenTofu from your package manager or opentofu.org.' ;;
    *) terraform='' ;;
esac

# Asked together, for each takes a while to answer. TF_CLI_CONFIG_FILE may name a file that does not exist, of which
# Terraform would warn here too.
answers=$(
    {
        echo "node $(node --version)" &
        [ -z "$terraform" ] ||
            echo "terraform $(CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=/dev/null "$terraform" version | sed -n "1s/^$product v//p")" &
        wait
    } 2>/dev/null
)
while read -r name version; do
    case $name in
        node) node_version=${version#v} ;;
        terraform) terraform_version=$version ;;
    esac
done <<EOF
$answers
EOF

python_hint='Install Python from your package manager or python.org.'
if command -v "$python" >/dev/null 2>&1; then
    [ -n "$python_version" ] || python_version=$("$python" -S -c '' 2>&1 | sed -n 1p)
    at_least Python "$python_version" 3.11 "$python_hint"
else
    fault "Python: python3 is not on PATH; 3.11 or newer is needed. $python_hint"
fi

node_hint='Install Node.js, which brings npm, from your package manager or nodejs.org.'
if command -v node >/dev/null 2>&1; then
    [ -n "$node_version" ] || node_version=$(node --version 2>&1 | sed -n 1p)
    at_least Node "$node_version" 20.0 "$node_hint"
else
    fault "Node: node is not on PATH; 20 or newer is needed. $node_hint"
fi
command -v npm >/dev/null 2>&1 || fault "npm: npm is not on PATH. $node_hint"

# Of both products 1.10 is the first that locks its state in S3 by itself.
if [ -z "$terraform" ]; then
    :
elif command -v "$terraform" >/dev/null 2>&1; then
    [ -n "$terraform_version" ] || terraform_version=$("$terraform" version 2>&1 | sed -n 1p)
    at_least "$product" "$terraform_version" 1.10 "$product_hint"
else
    fault "$product: $terraform is not on PATH; 1.10 or newer is needed (for the lock of its S3 state). $product_hint"
fi

[ "$faults" -eq 0 ] || exit 2
printf '%s\n' "$python"
