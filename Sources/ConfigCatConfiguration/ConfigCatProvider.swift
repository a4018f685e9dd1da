import ConfigCat
