// styled-components reads the nonce of the style elements it makes from here.
window.__webpack_nonce__ = document.querySelector('meta[name="style-nonce"]').content
