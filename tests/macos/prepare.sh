#!/bin/sh
# Makes on Linux what run-on-a-mac.sh needs: a root, the pinned server, another of the same name, and the policy's image.
# Usage: prepare.sh FOLDER LIBRARY; then the folder goes to the Mac, with LIBRARY, libpinshim.dylib, in it. PINSHIM is the
# command, else build/pinshim.
set -eu

folder=$1
library=$2
pinshim=${PINSHIM:-build/pinshim}
mkdir -p "$folder"

key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

key "$folder/root.key"
openssl req -x509 -new -key "$folder/root.key" -days 30 -subj "/CN=pinshim test root" -out "$folder/root.pem"
for server in pinned other; do
    key "$folder/$server.key"
    openssl req -new -key "$folder/$server.key" -subj "/CN=$server" -out "$folder/$server.csr"
    printf 'subjectAltName=DNS:pinned.example,DNS:free.example\n' > "$folder/names"
    openssl x509 -req -in "$folder/$server.csr" -CA "$folder/root.pem" -CAkey "$folder/root.key" -CAcreateserial -days 30 \
        -extfile "$folder/names" -out "$folder/$server.pem" 2> /dev/null
done
cat > "$folder/policy.conf" << EOF
version = 1;
domains = ( { name = "pinned.example"; service = "custom"; certificates = ["pinned.pem"]; } );
EOF
"$pinshim" compile -o "$folder/policy.cdb" "$folder/policy.conf"
cp "$library" "$folder/"
rm -f "$folder/root.key" "$folder"/*.csr "$folder"/*.srl "$folder/names"
