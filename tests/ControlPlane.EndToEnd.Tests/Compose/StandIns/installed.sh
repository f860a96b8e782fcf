#!/bin/sh
# Stands in for apt-get: what would be installed is here.
exit 0
