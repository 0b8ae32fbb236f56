#!/bin/sh
no-such-program-anywhere
