const root = new URL('../../', document.currentScript.src)
// The document names the public URL; calls made from this page go to the origin it was loaded from.
void fetch(new URL('openapi.json', root))
  .then((response) => response.json())
  .then((spec) => {
    SwaggerUIBundle({
      spec: { ...spec, servers: [{ url: root.pathname.replace(/(.)\/$/, '$1') }] },
      dom_id: '#api',
      deepLinking: true,
      validatorUrl: null,
      persistAuthorization: false,
      displayRequestDuration: true,
      docExpansion: 'list',
    })
  })
