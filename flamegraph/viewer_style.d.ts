/** viewer.css, that embed.js puts in front of the script. */
declare const STYLE: string
