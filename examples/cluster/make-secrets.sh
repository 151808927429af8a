#!/bin/sh
# Makes ./secrets: random passwords, the key file of the replica set, and a private CA with one certificate for its servers.
set -eu
cd "$(dirname "$0")"
[ -e secrets ] && { echo 'secrets/ is there already; nothing was changed' >&2; exit 1; }
umask 077
mkdir -p secrets/mongod
random() { openssl rand -base64 48 | tr -d '\n=/+' | cut -c 1-48; }

for name in mongo_root_password mongo_password authctl_secret refresh_key_secret; do random > "secrets/$name"; done
printf 'mongodb://authctl:%s@mongo-1,mongo-2,mongo-3/authctl?replicaSet=rs0&tls=true' "$(cat secrets/mongo_password)" > secrets/mongo_db_uri

cd secrets/mongod
openssl rand -base64 512 > keyfile
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj '/CN=authctl cluster CA' \
  -keyout ../ca.key -out ca.pem 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/O=authctl/CN=mongo' -keyout server.key -out server.csr 2>/dev/null
printf 'subjectAltName=DNS:mongo-1,DNS:mongo-2,DNS:mongo-3,DNS:localhost,IP:127.0.0.1\n' > san
openssl x509 -req -in server.csr -CA ca.pem -CAkey ../ca.key -CAcreateserial -days 825 -extfile san -out server.crt 2>/dev/null
cat server.crt server.key > server.pem
rm -f server.csr server.crt server.key san ca.srl ../ca.srl
echo 'made secrets/; move secrets/ca.key to a safe place, and give the files to the users of the containers (README.md)'
