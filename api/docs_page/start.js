"use strict";

// Beside the page lies /api/openapi.json; nothing is asked of any other address, and the token is kept nowhere.
SwaggerUIBundle({
  dom_id: "#description",
  url: "openapi.json",
  validatorUrl: null,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  deepLinking: true,
  displayRequestDuration: true,
  filter: true,
  syntaxHighlight: false,
  tryItOutEnabled: true,
});
