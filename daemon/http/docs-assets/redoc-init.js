Redoc.init(
  new URL('../../openapi.json', document.currentScript.src).href,
  {
    disableSearch: false,
    hideDownloadButton: false,
    theme: {
      typography: { fontFamily: 'system-ui, sans-serif', headings: { fontFamily: 'system-ui, sans-serif' } },
    },
  },
  document.getElementById('api'),
)
