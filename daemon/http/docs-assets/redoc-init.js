Redoc.init(
  '/openapi.json',
  {
    nonce: document.querySelector('meta[name="style-nonce"]').content,
    disableSearch: false,
    hideDownloadButton: false,
    theme: {
      typography: { fontFamily: 'system-ui, sans-serif', headings: { fontFamily: 'system-ui, sans-serif' } },
    },
  },
  document.getElementById('api'),
)
