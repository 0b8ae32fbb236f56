#!/bin/sh
# Leaves its group, closes its outputs, clears its variables half of the time, and ends well.
setsid sleep 601 >/dev/null 2>&1 </dev/null &
env -i setsid sleep 602 >/dev/null 2>&1 </dev/null &
sleep 602.5 &
echo started
exit 0
