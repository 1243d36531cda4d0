declare module "padder" { export function pad(words: string[]): {padded: string}[] }
