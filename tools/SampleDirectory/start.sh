#!/bin/sh
# First start: a certificate, one password for everybody, the people. Later starts serve what is there, so that people stay who they are.
set -eu
umask 077
data=/var/lib/directory
run=/run/directory
socket="ldapi://%2Frun%2Fdirectory%2Fldapi"

serve() {
  exec slapd -d 0 -F "$data/config" -h "ldaps://:1636/ $socket"
}

[ ! -e "$data/complete" ] || serve

rm -rf "$data/config" "$data/db"
mkdir -p "$data/config" "$data/db" "$run"
head -c 18 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n' >"$data/password"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=sample directory" \
  -addext "subjectAltName=DNS:directory" -keyout "$data/key.pem" -out "$data/certificate.pem" 2>/dev/null
hash=$(slappasswd -h '{SSHA}' -T "$data/password")
sed "s|@PASSWORD@|$hash|" /opt/directory/config.ldif >"$run/config.ldif"
sed "s|@PASSWORD@|$hash|" /opt/directory/people.ldif >"$run/people.ldif"
slapadd -n0 -F "$data/config" -l "$run/config.ldif"

# Online, because only then is memberOf kept.
slapd -d 0 -F "$data/config" -h "$socket" &
loader=$!
tries=0
until ldapadd -x -H "$socket" -D "cn=admin,dc=example,dc=test" -y "$data/password" -f "$run/people.ldif" >/dev/null 2>"$run/error"; do
  tries=$((tries + 1))
  [ "$tries" -lt 50 ] || { cat "$run/error" >&2; exit 1; }
  sleep 0.2
done
kill -INT "$loader"
wait "$loader" || true
rm -f "$run"/*.ldif "$run/error"
: >"$data/complete"
serve
