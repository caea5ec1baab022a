window.ui = SwaggerUIBundle({
  url: "/api-docs/openapi.json",
  dom_id: "#documentation",
  deepLinking: true,
  docExpansion: "list",
  persistAuthorization: true,
  tryItOutEnabled: true,
});
