/** The page that nginx answers with when it has nothing else; it does not tell its version. */
export function errorPage(status: number, now: number): Response {
  return page(status, now, {});
}

export function redirect(status: 301 | 302 | 308, location: string, now: number): Response {
  return page(status, now, { location });
}

function page(status: number, now: number, more: Readonly<Record<string, string>>): Response {
  const title = `${status} ${TITLES[status] ?? "Unknown"}`;
  const html = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  const body = new TextEncoder().encode(html);
  const headers = new Headers({
    date: new Date(now).toUTCString(),
    "content-type": "text/html",
    "content-length": String(body.byteLength),
    connection: "keep-alive",
    ...more,
  });
  return new Response(body, { status, statusText: TITLES[status] ?? "", headers });
}

const TITLES: Readonly<Record<number, string>> = {
  301: "Moved Permanently",
  302: "Found",
  308: "Permanent Redirect",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  502: "Bad Gateway",
  503: "Service Temporarily Unavailable",
  504: "Gateway Time-out",
};
