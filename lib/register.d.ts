/** Profiles the process that loads it: `node --require shap-flame/register app.js`. Exports nothing. */
export {}
