import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './sources.ts'

/** Each with the licences that it, and what is bundled in it, come under. */
const FROM: Readonly<Record<string, readonly [file: string, as: string][]>> = {
  'node_modules/swagger-ui-dist': [
    ['favicon-32x32.png', 'favicon-32x32.png'],
    ['LICENSE', 'swagger-ui.LICENSE'],
    ['NOTICE', 'swagger-ui.NOTICE'],
    ['swagger-ui-bundle.js.LICENSE.txt', 'swagger-ui-bundle.js.LICENSE.txt'],
  ],
  'node_modules/redoc': [
    ['LICENSE', 'redoc.LICENSE'],
    ['bundles/redoc.standalone.js.LICENSE.txt', 'redoc.standalone.js.LICENSE.txt'],
  ],
}

const OWN = 'daemon/http/docs-assets'

/** ReDoc's one remote image, and the empty picture that takes its place. */
const REMOTE_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg'
const EMPTY_PICTURE = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>"

/** Source maps are not shipped: a browser with its tools open must not ask for them. */
const withoutSourceMap = (text: string): string =>
  text.replace(
    /\n?(?:\/\/# sourceMappingURL=[\w.-]+\.map|\/\*# sourceMappingURL=[\w.-]+\.map\s*\*\/)\s*$/,
    '\n',
  )

const readModule = (file: string): string =>
  withoutSourceMap(readFileSync(join(ROOT, 'node_modules', file), 'utf8'))

const copySwagger = (target: string): void => {
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js'])
    writeFileSync(join(target, file), readModule(`swagger-ui-dist/${file}`))
}

const copyRedoc = (target: string): void => {
  const bundle = readModule('redoc/bundles/redoc.standalone.js')
  if (!bundle.includes(REMOTE_LOGO))
    throw new Error('ReDoc no longer names its remote logo: look at what it loads now')
  writeFileSync(join(target, 'redoc.standalone.js'), bundle.replaceAll(REMOTE_LOGO, EMPTY_PICTURE))
}

/**
 * Copies what the documentation pages load into `dist/docs-assets`, so that the daemon serves them without a
 * network.
 */
const copyDocsAssets = (): void => {
  const target = join(ROOT, 'dist/docs-assets')
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  for (const [folder, files] of Object.entries(FROM)) {
    for (const [file, as] of files) copyFileSync(join(ROOT, folder, file), join(target, as))
  }
  copySwagger(target)
  copyRedoc(target)
  for (const file of readdirSync(join(ROOT, OWN))) copyFileSync(join(ROOT, OWN, file), join(target, file))
}

copyDocsAssets()
