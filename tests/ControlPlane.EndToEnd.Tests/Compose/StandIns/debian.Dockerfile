# The tree holds the packages already; nothing is fetched where nothing can be.
FROM controlplane-standin:tree
COPY installed.sh /usr/local/bin/apt-get
