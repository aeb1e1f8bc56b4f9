// Lets plain Node run this room: the simulation's actors and oracle are sources, whose `.js` endings lead to
// `.ts` files. With `--plant ID` every package comes from its sources, with that fault in one of them.

import { existsSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

if (process.argv.includes("--plant")) await import("@s2kit/sim/source-loader.mjs");
else
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith(".") && specifier.endsWith(".js") && context.parentURL) {
        const source = new URL(specifier.replace(/\.js$/, ".ts"), context.parentURL);
        if (existsSync(fileURLToPath(source))) return next(source.href, context);
      }
      return next(specifier, context);
    },
  });
