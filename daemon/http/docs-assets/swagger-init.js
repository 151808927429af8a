// The document names the public URL; calls made from this page go to the origin it was loaded from.
void fetch('/openapi.json')
  .then((response) => response.json())
  .then((spec) => {
    SwaggerUIBundle({
      spec: { ...spec, servers: [{ url: '/' }] },
      dom_id: '#api',
      deepLinking: true,
      validatorUrl: null,
      persistAuthorization: false,
      displayRequestDuration: true,
      docExpansion: 'list',
    })
  })
