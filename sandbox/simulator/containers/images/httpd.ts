import type { ImageEntry } from "../filesystem/image-tree";
import { folders } from "./debian";

/** What the httpd image adds to its base. */
export function httpdEntries(): ImageEntry[] {
  return [
    ...folders([
      "/usr/local/apache2/logs",
      "/usr/local/apache2/cgi-bin",
      "/usr/local/apache2/modules",
      "/usr/local/apache2/conf/extra",
      "/usr/local/apache2/icons",
    ]),
    { path: "/usr/local/apache2/bin/httpd", program: "httpd" },
    { path: "/usr/local/apache2/htdocs/index.html", text: "<html><body><h1>It works!</h1></body></html>\n" },
    { path: "/usr/local/apache2/conf/httpd.conf", text: HTTPD_CONF },
    {
      path: "/usr/local/bin/httpd-foreground",
      text: '#!/bin/sh\nset -e\nrm -f /usr/local/apache2/logs/httpd.pid\nexec httpd -DFOREGROUND "$@"\n',
      mode: 0o755,
    },
  ];
}

const HTTPD_CONF = `ServerRoot "/usr/local/apache2"

Listen 80

User www-data
Group www-data

ServerAdmin you@example.com

<Directory />
    AllowOverride none
    Require all denied
</Directory>

DocumentRoot "/usr/local/apache2/htdocs"
<Directory "/usr/local/apache2/htdocs">
    Options Indexes FollowSymLinks
    AllowOverride None
    Require all granted
</Directory>

<IfModule dir_module>
    DirectoryIndex index.html
</IfModule>

ErrorLog /proc/self/fd/2
LogLevel warn
CustomLog /proc/self/fd/1 common
`;
