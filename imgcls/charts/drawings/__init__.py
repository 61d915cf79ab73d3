"""Pictures drawn as SVG or pixels rather than charts."""
