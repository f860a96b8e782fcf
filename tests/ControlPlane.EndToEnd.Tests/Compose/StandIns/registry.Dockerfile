FROM controlplane-standin:tree
RUN ln -s docker-registry /usr/bin/registry && ln -s ../../bin/busybox /usr/bin/wget && mkdir -p /etc/docker/registry /var/lib/registry
COPY registry-config.yml /etc/docker/registry/config.yml
VOLUME /var/lib/registry
EXPOSE 5000
ENTRYPOINT ["registry", "serve"]
CMD ["/etc/docker/registry/config.yml"]
