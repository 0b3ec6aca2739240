"""Text that tries to break out of a document, that is very long, and references."""

HOSTILE = (
    '#panic("x") $ \\ [a](b) *bold* _it_ `raw` @ref <label> // no /* comment */ <b>&amp; = Not'
)
BIDI = "safe\u202eevil\u2066\u200b\x00\x07text"
LONG = "condensation-of-input-weights-" * 8 + "end"
REFERENCE = """@inproceedings{zhou2022condensation,
  author = {Zhou, Hanxu and Zhou, Qixuan and Luo, Tao and Zhang, Yaoyu and Xu, Zhi-Qin John},
  title = {Towards Understanding the Condensation of Neural Networks at Initial Training},
  booktitle = {Advances in Neural Information Processing Systems},
  year = {2022},
}"""
ARTICLE = """@article{clopper1934use,
  author = {Clopper, Charles J. and Pearson, Egon S.},
  title = {The Use of Confidence or Fiducial Limits Illustrated in the Case of the {Binomial}},
  journal = {Biometrika}, volume = {26}, number = {4}, pages = {404--413}, year = {1934},
}"""
