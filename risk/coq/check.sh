#!/usr/bin/env bash
# Compiles every proof here in a temporary directory; prints each theorem with its processor time.
# Exit code: 0 all passed, 1 something failed, 2 no Coq.
set -euo pipefail

if ! command -v coqc >/dev/null; then
  echo "coqc is missing; on Debian 12: apt-get install --no-install-recommends coq" >&2
  exit 2
fi

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/*.v "$work"
cd "$work"

TIMEFORMAT='%U s of processor time, %R s in all'
passed=0
failed=0
fail() {
  echo "FAIL $1"
  failed=$((failed + 1))
}

# Apportion first: Waterfall builds on it.
files=(Apportion)
for source in *.v; do
  [ "$source" = Apportion.v ] || files+=("${source%.v}")
done

forbidden='\b(Admitted|admit|Axioms?|Parameters?|Conjecture|Hypothes[ie]s|Variables?|Abort|Unset Guard Checking|bypass_check)\b'
for file in "${files[@]}"; do
  echo "== $file"
  if grep -nE "$forbidden" "$file.v"; then
    fail "$file: something is assumed instead of proved"
    continue
  fi
  if ! { time coqc -q -time -Q . Caisson "$file.v" >"$file.out" 2>"$file.err"; } 2>"$file.time"; then
    cat "$file.err"
    fail "$file: does not compile"
    continue
  fi
  # One search for assumptions per file, over the tuple of all its theorems, and nothing found.
  searches=$(grep -c '^Print Assumptions ' "$file.v" || true)
  closed=$(grep -c '^Closed under the global context' "$file.out" || true)
  if [ "$searches" != 1 ] || [ "$closed" != 1 ] || grep -q '^Axioms:' "$file.out"; then
    fail "$file: rests on assumptions"
    continue
  fi
  tuple=$(sed -n '/^Definition [a-z_]*_theorems :=/,/)\.$/p' "$file.v")
  while read -r theorem; do
    # -time gives each sentence's offset; a proof's time is the sum from its statement to its Qed.
    offset=$(grep -boE "^Theorem $theorem\b" "$file.v" | cut -d: -f1)
    seconds=$(awk -v offset="$offset" '
      /^Chars/ && $2 >= offset {
        if (match($0, /\([0-9.]+u/)) sum += substr($0, RSTART + 1, RLENGTH - 2)
        if (/\[Qed\.\]/) exit
      }
      END { printf "%.2f", sum }' "$file.out")
    if ! grep -qwE "$theorem" <<<"$tuple"; then
      fail "$theorem: not searched for assumptions"
    elif ! grep -qE "^Example ${theorem}_somewhere\b" "$file.v"; then
      fail "$theorem: no example satisfies it"
    elif ! grep -qE "^Example ${theorem}_needs_" "$file.v"; then
      fail "$theorem: no counterexample without its premise"
    else
      echo "ok   $theorem  ${seconds} s"
      passed=$((passed + 1))
    fi
  done < <(sed -nE 's/^Theorem ([a-z_]+).*/\1/p' "$file.v")
  echo "     file: $(cat "$file.time")"
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
