#!/bin/sh
# A network to practise pinning in, on this machine alone: two authorities that it trusts, a server of intranet.example
# and policy.example (127.0.0.1), and an attacker (127.0.0.2), who got a certificate for the same names from the other one.
# For a machine that may be thrown away: root adds authorities and names to it. Needs nginx and openssl.
# Usage: samples/practice.sh FOLDER
set -eu
mkdir -p "$1" /srv/policy
cd "$1"
folder=$PWD
names='subjectAltName=DNS:intranet.example,DNS:policy.example'

key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'

# Among those that the machine trusts, until `update-ca-certificates --fresh`.
authority() { # FILE NAME
    # shellcheck disable=SC2086 # a list of words
    openssl req -x509 $key -days 30 -subj "/CN=$2" -keyout "$1.key" -out "$1.pem" 2> /dev/null
    cat "$1.pem" >> /etc/ssl/certs/ca-certificates.crt
    cp "$1.pem" "/etc/ssl/certs/$(openssl x509 -hash -noout -in "$1.pem").0"
}
certificate() { # FILE AUTHORITY
    # shellcheck disable=SC2086 # a list of words
    openssl req $key -subj /CN=intranet.example -keyout "$1.key" -out "$1.csr" 2> /dev/null
    echo "$names" > san
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 30 -extfile san -out "$1.pem" 2> /dev/null
}
authority company "Company CA"
authority other "Other CA"
for name in server next spare; do certificate $name company; done
certificate attacker other
echo '127.0.0.1 intranet.example' >> /etc/hosts
echo '127.0.0.1 policy.example' >> /etc/hosts

cat > nginx.conf << END
pid $folder/nginx.pid;
error_log $folder/error.log;
events { }
http {
    access_log off;
    ssl_session_cache off;
    server { listen 127.0.0.1:443 ssl; ssl_certificate server.pem; ssl_certificate_key server.key;
             location / { return 200 "welcome\n"; }
             location /policy/ { root /srv; } }
    server { listen 127.0.0.2:443 ssl; ssl_certificate attacker.pem; ssl_certificate_key attacker.key;
             return 200 "got you\n"; }
}
END
nginx -c "$folder/nginx.conf" -e "$folder/error.log"
