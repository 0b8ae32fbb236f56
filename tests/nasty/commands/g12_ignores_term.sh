#!/bin/sh
trap '' TERM HUP INT
while :; do sleep 603; done
