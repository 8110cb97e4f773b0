#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests the life of a certificate on the command line, also with tools that are not ours.
# certificate.sh VFCERT WRITE_CERTIFIABLE PROFILES. Exits with 77 if jq or openssl is missing.

set -eu
vfcert=$(realpath "$1") write=$(realpath "$2") profiles=$(realpath "$3")
for tool in jq openssl; do
	command -v $tool >/dev/null || {
		echo "skipped: $tool is not installed (ci/bootstrap --tests)"
		exit 77
	}
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
HOME=$work
export HOME

die() {
	echo "$*"
	exit 1
}

# rejected NAME COMMAND...: checks that the command exits with 1 and names the reason.
rejected() {
	name=$1
	shift
	status=0
	"$@" >said 2>&1 || status=$?
	[ $status = 1 ] && grep -q "^rejected *($name)" said || {
		cat said
		die "not rejected as $name, but $status: $*"
	}
}

# by_openssl CERT PUBLIC_KEY: verifies as a third party does.
by_openssl() {
	jq -r .payload "$1" | base64 -d >b
	jq -r '.signatures[0].sig' "$1" | base64 -d >s
	t=$(jq -r .payloadType "$1")
	{
		printf 'DSSEv1 %d %s %d ' ${#t} "$t" "$(wc -c <b)"
		cat b
	} >p
	openssl pkeyutl -verify -rawin -pubin -inkey "$2" -in p -sigfile s >/dev/null
}

"$write" "$profiles" out

for type in p256 ed25519; do
	"$vfcert" keygen --type $type $type.key >/dev/null
	[ "$(stat -c %a $type.key)" = 600 ] || die "the private key is not its owner's alone"
	"$vfcert" sign out --key $type.key --proof out >said || die "not signed: $(cat said)"
	"$vfcert" verify out/cert.dsse.json --key $type.key.pub out --proof out >said ||
		die "not accepted: $(cat said)"
	grep -q '1 of the [0-9]* that pass have failed on 2 rigs' said || die "the proof is not told: $(cat said)"
	by_openssl out/cert.dsse.json $type.key.pub || die "openssl does not accept $type"
	for file in identity.json results.json; do
		said=$(jq -r --arg f $file '.subject[] | select(.name == $f) | .digest.sha256' b)
		[ "$said" = "$(sha256sum <out/$file | cut -d ' ' -f 1)" ] || die "$file has another digest"
	done
	[ "$(jq -r '.signatures[0].keyid' out/cert.dsse.json)" = \
		"$(openssl pkey -pubin -in $type.key.pub -outform der | sha256sum | cut -d ' ' -f 1)" ] ||
		die "keyid is not that of the key"
	[ -e out/cert.sigstore.json ] && bundle=yes || bundle=no
	case $type$bundle in
	p256yes | ed25519no) ;;
	*) die "sigstore bundle with $type: $bundle" ;;
	esac
	jq -c '.signatures[0].sig |= (if startswith("A") then "B" else "A" end) + .[1:]' \
		out/cert.dsse.json >bad.json
	! by_openssl bad.json $type.key.pub 2>/dev/null || die "openssl accepts anything"
done

! "$vfcert" keygen p256.key 2>/dev/null || die "a key was written over"
rejected unknown-key "$vfcert" verify out --key p256.key.pub
"$vfcert" sign out --key p256.key --days 10 >/dev/null
rejected expired "$vfcert" verify out --key p256.key.pub --at "$(date -u -d '11 days' +%FT%TZ)"
rejected not-yet-valid "$vfcert" verify out --key p256.key.pub --at 2026-01-01T00:00:00Z
rejected missing-check "$vfcert" verify out --key p256.key.pub --profile tenants
rejected missing-check "$vfcert" sign out --key p256.key --profile tenants
"$vfcert" verify out --key ed25519.key.pub --key p256.key.pub >/dev/null || die "one key of two"

# The present state of the card.
jq -cS . out/identity.json >today.json
"$vfcert" verify out --key p256.key.pub --today today.json >/dev/null || die "the same card is stale"
jq -cS '.software.firmware = "3.25"' out/identity.json >today.json
rejected stale "$vfcert" verify out --key p256.key.pub --today today.json
jq -cS '.card.device = "1521"' out/identity.json >today.json
rejected another-card "$vfcert" verify out --key p256.key.pub --today today.json

# The run itself, without a failing check.
cp -r out forged
jq -cS 'del(.checks[] | select(.verdict == "fail")) | .summary.fail = 0' out/results.json \
	>forged/results.json
rejected subject-digest "$vfcert" verify forged --key p256.key.pub

# A list of revocations, which only the signer can make.
rejected unknown-key "$vfcert" revoke out/cert.dsse.json --key ed25519.key --list revoked.json
"$vfcert" revoke out/cert.dsse.json --key p256.key --list revoked.json --reason 'wrong card' >/dev/null
rejected revoked "$vfcert" verify out --key p256.key.pub --revoked revoked.json
by_openssl revoked.json p256.key.pub || die "openssl does not accept the list of revocations"
"$vfcert" sign out --key p256.key >/dev/null
"$vfcert" verify out --key p256.key.pub --revoked revoked.json >/dev/null || die "another certificate"
rejected payload-type "$vfcert" verify out --key p256.key.pub --revoked out/cert.dsse.json

# A passphrase, and a key that others may read.
echo 'open sesame' >phrase
"$vfcert" keygen --passphrase-file phrase secret.key >/dev/null
! "$vfcert" sign out --key secret.key >said 2>&1 || die "signed without the passphrase"
grep -q 'there is no passphrase' said || die "the passphrase is not asked for: $(cat said)"
"$vfcert" sign out --key secret.key --passphrase-file phrase >/dev/null || die "not signed"
openssl pkey -in secret.key -passin file:phrase -pubout | cmp - secret.key.pub ||
	die "openssl reads another key"
chmod 644 p256.key
! "$vfcert" sign out --key p256.key 2>said || die "signed with a key that others may read"
grep -q 'chmod 600' said || die "no way out is told: $(cat said)"
chmod 600 p256.key

# Fetches nothing: the key is the only trusted root.
by_cosign() {
	echo '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}' >roots.json
	cosign verify-blob-attestation --key p256.key.pub --bundle out/cert.sigstore.json \
		--new-bundle-format --trusted-root roots.json --insecure-ignore-tlog=true \
		--type https://in-toto.io/attestation/test-result/v0.1 "$1" >said 2>&1
}

if command -v cosign >/dev/null; then
	"$vfcert" sign out --key p256.key >/dev/null
	by_cosign out/results.json || die "cosign does not accept the bundle: $(cat said)"
	! by_cosign forged/results.json || die "cosign accepts anything"
	echo "verified by openssl and by cosign"
else
	echo "verified by openssl; cosign is not installed (Debian has it from 13 on), so not by cosign"
fi
