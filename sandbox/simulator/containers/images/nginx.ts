import type { ImageEntry } from "../filesystem/image-tree";
import { folders } from "./debian";

/** What the nginx image adds to its base: the server, its pages and configuration, and the entrypoint. */
export function nginxEntries(): ImageEntry[] {
  return [
    { path: "/usr/sbin/nginx", program: "nginx" },
    { path: "/usr/share/nginx/html/index.html", text: WELCOME_PAGE },
    { path: "/usr/share/nginx/html/50x.html", text: ERROR_PAGE },
    ...folders(["/var/cache/nginx", "/docker-entrypoint.d", "/etc/nginx/modules"]),
    { path: "/var/log/nginx/access.log", link: "/dev/stdout" },
    { path: "/var/log/nginx/error.log", link: "/dev/stderr" },
    { path: "/etc/nginx/nginx.conf", text: NGINX_CONF },
    { path: "/etc/nginx/conf.d/default.conf", text: DEFAULT_CONF },
    {
      path: "/etc/nginx/mime.types",
      text: "types {\n    text/html                             html htm shtml;\n    text/css                              css;\n    application/javascript                js;\n    application/json                      json;\n}\n",
    },
    { path: "/docker-entrypoint.sh", text: ENTRYPOINT, mode: 0o755 },
    { path: "/docker-entrypoint.d/10-listen-on-ipv6-by-default.sh", text: LISTEN_ON_IPV6, mode: 0o755 },
    { path: "/docker-entrypoint.d/15-local-resolvers.envsh", text: "#!/bin/sh\n", mode: 0o755 },
    { path: "/docker-entrypoint.d/20-envsubst-on-templates.sh", text: "#!/bin/sh\n", mode: 0o755 },
    { path: "/docker-entrypoint.d/30-tune-worker-processes.sh", text: "#!/bin/sh\n", mode: 0o755 },
  ];
}

const WELCOME_PAGE = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
`;

const ERROR_PAGE = `<!DOCTYPE html>
<html>
<head>
<title>Error</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>An error occurred.</h1>
<p>Sorry, the page you are looking for is currently unavailable.<br/>
Please try again later.</p>
<p>If you are the system administrator of this resource then you should check
the error log for details.</p>
<p><em>Faithfully yours, nginx.</em></p>
</body>
</html>
`;

const NGINX_CONF = `
user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;


events {
    worker_connections  1024;
}


http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';

    access_log  /var/log/nginx/access.log  main;

    sendfile        on;
    #tcp_nopush     on;

    keepalive_timeout  65;

    #gzip  on;

    include /etc/nginx/conf.d/*.conf;
}
`;

const DEFAULT_CONF = `server {
    listen       80;
    server_name  localhost;

    #access_log  /var/log/nginx/host.access.log  main;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    #error_page  404              /404.html;

    # redirect server error pages to the static page /50x.html
    #
    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
`;

/** Announces itself as the image's own entrypoint does, then becomes the command. */
const ENTRYPOINT = `#!/bin/sh
set -e

say() {
  [ -n "\${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$@"
}

case "$1" in
nginx | nginx-debug)
  set -- "$@"
  folder=/docker-entrypoint.d/
  say "$0: $folder is not empty, will attempt to perform configuration"
  say "$0: Looking for shell scripts in $folder"
  for script in "$folder"*; do
    case "$script" in
    *.envsh)
      say "$0: Sourcing $script"
      . "$script"
      ;;
    *.sh)
      if [ -x "$script" ]; then
        say "$0: Launching $script"
        "$script"
      else
        say "$0: Ignoring $script, not executable"
      fi
      ;;
    *) say "$0: Ignoring $script" ;;
    esac
  done
  say "$0: Configuration complete; ready for start up"
  ;;
esac

exec "$@"
`;

const LISTEN_ON_IPV6 = `#!/bin/sh
me=10-listen-on-ipv6-by-default.sh
conf=/etc/nginx/conf.d/default.conf
say() {
  [ -n "\${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$me: info: $*"
}
if [ ! -f "$conf" ]; then
  say "$conf is not a file or does not exist"
  exit 0
fi
if ! touch "$conf" 2>/dev/null; then
  say "can not modify $conf (read-only file system?)"
  exit 0
fi
if grep -q "listen  *\\[::\\]:80;" "$conf"; then
  say "IPv6 listen already enabled"
  exit 0
fi
say "Getting the checksum of $conf"
sed -i "s,listen       80;,listen       80;\\n    listen  [::]:80;," "$conf"
say "Enabled listen on IPv6 in $conf"
`;
