/** viewer.css, that build_viewer.js puts in front of the script. */
declare const STYLE: string
