#!/bin/sh
# Takes a backup named after the time, linked to the newest one, and keeps the newest KEEP (14).
#
#   backup.sh DATA_DIRECTORY BACKUPS
set -eu
data=$1
backups=$2
keep=${KEEP:-14}

# Only a finished backup has its list. Names sort by time.
finished() { find "$backups" -mindepth 2 -maxdepth 2 -name BACKUP.json -exec dirname {} \; | sort; }
unfinished() {
  find "$backups" -mindepth 1 -maxdepth 1 -type d -name '2*Z' ! -exec test -e {}/BACKUP.json \; -print | sort
}

# One that was cut short goes on.
target=$(unfinished | tail -n 1)
[ -n "$target" ] || target=$backups/$(date -u +%Y-%m-%dT%H%M%SZ)
newest=$(finished | tail -n 1)

if [ -n "$newest" ]; then
  s2kit lite backup "$data" "$target" --since "$newest"
else
  s2kit lite backup "$data" "$target"
fi

# A file that several backups have stays until the last of them goes.
finished | head -n "-$keep" | while read -r old; do rm -rf "$old"; done
