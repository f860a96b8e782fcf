FROM mcr.microsoft.com/dotnet/runtime-deps:10.0.12-noble-chiseled
COPY . /usr/share/dotnet
ENV DOTNET_ROOT=/usr/share/dotnet ASPNETCORE_HTTP_PORTS=8080 APP_UID=1654
