import { defineConfig } from "vite";

// Fixed names and no source map: the bundle is committed, embedded in the server, and compared with a fresh build.
export default defineConfig({
  base: "/storefront/",
  build: {
    target: "es2022",
    modulePreload: false,
    rollupOptions: {
      output: {
        entryFileNames: "assets/storefront.js",
        assetFileNames: "assets/storefront[extname]",
        
      },
    },
  },
  server: {
    // `npm run dev` beside a running `kassa`.
    proxy: { "/v1": process.env["KASSA_URL"] ?? "http://127.0.0.1:8080" },
  },
});
