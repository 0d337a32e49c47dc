#@ task mend-the-catalog
#@ says Service `catalog` selects app=shop, but the pods of Deployment `catalog` have app=catalog.
kubectl rollout status deployment/catalog --timeout=60s
kubectl set selector service catalog app=shop
