/**
 * Profiles the process that loads it: `node --require shap-flame/register app.js`. Options of a run are read
 * from the environment: `SHAP_FLAME_INTERVAL=128k`, `SHAP_FLAME_LINES=1`. Exports nothing.
 */
export {}
